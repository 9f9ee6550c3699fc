import { startLocalCloud } from '../../lib/local/local-cloud.ts';

/**
 * A local cloud in a process of its own, for tests that kill it: it prints what a client needs as one line of JSON, and
 * `settled` whenever it has come to rest after a line of input. `node run-local-cloud.ts ASSEMBLY STACK FOLDER`
 */
const [assemblyDir = '', stackName = '', dataDir = ''] = process.argv.slice(2);

const cloud = await startLocalCloud({ assemblyDir, stackName, dataDir, version: 'test' });
const { credentials, endpoint, outputs, region } = cloud;
console.log(JSON.stringify({ credentials, endpoint, outputs, region }));
process.stdin.on('data', async () => {
  try {
    await cloud.settled();
    console.log('settled');
  } catch (error) {
    console.log(String(error));
  }
});
process.once('SIGTERM', () => void cloud.close().then(() => process.exit(0)));
