/** The user pool did not let the officer in; the message is its own. */
export class LoginRefusedError extends Error {
  readonly code = 'login-refused';
  override readonly name = 'LoginRefusedError';
}

/** There is no session, or the API or the user pool takes it no more; the message says how to get one. */
export class SessionEndedError extends Error {
  readonly code = 'session-ended';
  override readonly name = 'SessionEndedError';
}

/** Nothing answered at the API's address, or not in time. */
export class ApiUnreachableError extends Error {
  readonly code = 'api-unreachable';
  override readonly name = 'ApiUnreachableError';
}
