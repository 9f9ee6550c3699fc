/** A stage of an API. */
export interface ApiStage {
  name: string;
  variables?: Record<string, string>;
  /** Takes a token of the route's bucket; false when it is empty. */
  admits(routeKey: string, now: number): boolean;
}
