import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };

/**
 * CDK behaviour this app is written for: what its CDK version recommends to new apps. Set on the app
 * itself and not in cdk.json, so that `node bin/app.ts` and the CLI synthesize the same templates.
 */
export const featureFlags: Readonly<Record<string, unknown>> = {
  ...recommended,
  // Tells tools that read the template, the local cloud among them, where a function's code lies.
  'aws:cdk:enable-asset-metadata': true,
};
