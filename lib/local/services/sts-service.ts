import { AwsError } from '../gateway/aws-error.ts';
import { type AwsService, queryResponse } from '../gateway/aws-service.ts';

/** STS: who am I. */
export function createStsService(
  accountId: string,
  arnOfCaller: (accessKeyId: string) => string,
): AwsService {
  return {
    // AWS answers this one to everybody, whatever a policy says.
    permissions: () => [],
    async handle(request) {
      if (request.operation !== 'GetCallerIdentity') {
        throw new AwsError('InvalidAction', `STS ${request.operation} is not emulated`);
      }
      const arn = arnOfCaller(request.accessKeyId);
      return queryResponse(
        'GetCallerIdentity',
        `<Arn>${arn}</Arn><UserId>${request.accessKeyId}</UserId><Account>${accountId}</Account>`,
      );
    },
  };
}
