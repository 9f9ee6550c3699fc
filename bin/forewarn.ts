#!/usr/bin/env node
const REQUIRED_NODE = 24;

if (Number.parseInt(process.versions.node, 10) < REQUIRED_NODE) {
  process.stderr.write(
    `forewarn needs Node ${REQUIRED_NODE} or newer; this is ${process.versions.node}. ` +
      'After npm ci, npx forewarn finds a fitting one by itself.\n',
  );
  process.exitCode = 2;
} else {
  // Only now: older versions of Node fail on loading it, with messages that help nobody.
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(process.argv);
}
