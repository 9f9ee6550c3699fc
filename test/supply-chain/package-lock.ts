import { readFileSync } from 'node:fs';

/** A package as package-lock.json (version 3) has it, by the folder that it is installed into. */
export interface LockedPackage {
  readonly name?: string;
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: true;
  readonly optional?: true;
  readonly inBundle?: true;
  readonly hasInstallScript?: true;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export type Lock = Readonly<Record<string, LockedPackage>>;

const FOLDER = 'node_modules/';

/** What is locked; the product itself is under the empty name. */
export function readLock(): Lock {
  const file = new URL('../../package-lock.json', import.meta.url);
  const { lockfileVersion, packages } = JSON.parse(readFileSync(file, 'utf8'));
  if (lockfileVersion !== 3) throw new Error(`package-lock.json has version ${lockfileVersion}`);
  return packages as Lock;
}

/** The name of the package in a folder. */
export function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf(FOLDER) + FOLDER.length);
}

/** What ships: everything but what only development needs. */
export function shippedPackages(lock: Lock): [folder: string, found: LockedPackage][] {
  return Object.entries(lock).filter(([folder, { dev }]) => folder !== '' && !dev);
}

/** The folder that a package finds another in, as Node looks for it: in its own, then ever further out. */
export function folderOf(lock: Lock, from: string, name: string): string | undefined {
  const nested = `/${FOLDER}`;
  for (let base = from; base !== ''; base = base.slice(0, Math.max(base.lastIndexOf(nested), 0))) {
    const folder = `${base}/${FOLDER}${name}`;
    if (lock[folder] !== undefined) return folder;
  }
  return lock[FOLDER + name] === undefined ? undefined : FOLDER + name;
}
