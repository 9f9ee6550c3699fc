/** Where a batch comes from, as every record of an event repeats it. */
export interface EventOrigin {
  eventSourceArn: string;
  region: string;
  /** The role under which the mapping reads. */
  invokeIdentityArn: string;
}
