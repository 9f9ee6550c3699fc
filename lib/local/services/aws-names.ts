/** Where the local cloud pretends to be. */
export interface CloudIdentity {
  partition: string;
  region: string;
  accountId: string;
  urlSuffix: string;
}

/** The ARN of something in this account and region. */
export function arnOf(cloud: CloudIdentity, service: string, resource: string): string {
  return `arn:${cloud.partition}:${service}:${cloud.region}:${cloud.accountId}:${resource}`;
}

/** The last part of an ARN or URL: the name of a stream, queue or topic. */
export function nameFromArn(arnOrName: string): string {
  return arnOrName.slice(Math.max(arnOrName.lastIndexOf('/'), arnOrName.lastIndexOf(':')) + 1);
}
