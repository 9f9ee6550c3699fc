/** An IAM policy document with every intrinsic resolved. */
export interface PolicyDocument {
  Statement: PolicyStatement | PolicyStatement[];
}

/** Where in a template a statement stands. */
export interface StatementOrigin {
  /** Logical id of the `AWS::IAM::Policy`. */
  policy: string;
  /** Its place in the policy, from 0. */
  statement: number;
}

export interface PolicyStatement {
  /** Undefined for what no policy of the template says. */
  origin?: StatementOrigin;
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | boolean | (string | boolean)[]>>;
}
