import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildAppOptions, buildApp } from 'fauxqs';

type App = ReturnType<typeof buildApp>;
type Stores = NonNullable<BuildAppOptions['stores']>;

/** fauxqs's own keeper, as far as we use it. */
interface PersistenceManager {
  readonly db: { exec(sql: string): void };
  load(sqs: Stores['sqsStore'], sns: Stores['snsStore'], s3: Stores['s3Store']): void;
  close(): void;
}

/** What fauxqs keeps for the next start. */
export interface KeptStores {
  readonly stores: Stores;
  /** To be called once the app that works on the stores has been made. */
  closeWith(app: App): void;
}

/**
 * Opens fauxqs's stores on a folder, as its `startFauxqs` does. That would listen on every address of this machine,
 * which we do not want, and its package names no other way in: so its modules are imported by their files.
 *
 * @param folder undefined keeps all in memory
 */
export async function openFauxqsStores(
  folder: string | undefined,
): Promise<KeptStores | undefined> {
  if (folder === undefined) return undefined;
  const description = findPackageJSON('fauxqs', import.meta.url) ?? '';
  const load = (name: string) => import(pathToFileURL(join(description, '../dist', name)).href);
  const [{ PersistenceManager: Manager }, { SqsStore }, { SnsStore }, { S3Store }] =
    (await Promise.all(
      ['persistence.js', 'sqs/sqsStore.js', 'sns/snsStore.js', 's3/s3Store.js'].map(load),
    )) as [
      { PersistenceManager: new (folder: string) => PersistenceManager },
      { SqsStore: new () => Stores['sqsStore'] },
      { SnsStore: new () => Stores['snsStore'] },
      { S3Store: new () => Stores['s3Store'] },
    ];
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const manager = new Manager(folder);
  // A commit is to survive the end of this process; waiting for the disk each time would buy no more.
  manager.db.exec('PRAGMA synchronous = NORMAL');
  // Loaded before the stores know where to keep things, or loading would write.
  manager.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  for (const store of Object.values(stores)) Object.assign(store, { persistence: manager });
  for (const queue of stores.sqsStore.allQueues()) Object.assign(queue, { persistence: manager });
  return {
    stores,
    closeWith: (app) => void app.addHook('preClose', () => manager.close()),
  };
}
