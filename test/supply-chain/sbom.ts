import { createHash } from 'node:crypto';
import {
  folderOf,
  type Lock,
  type LockedPackage,
  nameOf,
  shippedPackages,
} from './package-lock.ts';

interface Component {
  readonly type: 'library' | 'application';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly scope?: 'required' | 'optional';
  readonly licenses?: readonly ({ license: { id: string } } | { expression: string })[];
  readonly hashes?: readonly { alg: string; content: string }[];
}

/** A software bill of materials after CycloneDX 1.5. */
export interface Bom {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.5';
  readonly serialNumber: `urn:uuid:${string}`;
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

function licensesOf({ license }: LockedPackage): Pick<Component, 'licenses'> {
  if (license === undefined) return {};
  return {
    licenses: [/\s/.test(license) ? { expression: license } : { license: { id: license } }],
  };
}

const ALGORITHMS: Readonly<Record<string, string>> = { sha512: 'SHA-512', sha1: 'SHA-1' };

function hashesOf({ integrity }: LockedPackage): Pick<Component, 'hashes'> {
  const [algorithm = '', digest = ''] = integrity?.split('-') ?? [];
  const alg = ALGORITHMS[algorithm];
  if (alg === undefined) return {};
  return { hashes: [{ alg, content: Buffer.from(digest, 'base64').toString('hex') }] };
}

function componentOf([folder, found]: [string, LockedPackage]): Component {
  const name = nameOf(folder);
  return {
    type: 'library',
    // Two folders can hold the same package.
    'bom-ref': folder,
    name,
    version: found.version,
    purl: purlOf(name, found.version),
    scope: found.optional ? 'optional' : 'required',
    ...licensesOf(found),
    ...hashesOf(found),
  };
}

function dependenciesOf(lock: Lock, folder: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = lock[folder] ?? {};
  const names = Object.keys({ ...peerDependencies, ...optionalDependencies, ...dependencies });
  const found = names.flatMap((name) => folderOf(lock, folder, name) ?? []);
  return [...new Set(found)].filter((one) => !lock[one]?.dev).sort();
}

/** A UUID (version 8, RFC 9562) that the content decides: the same lock gives the same file. */
function uuidOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The bill of materials of what ships, from the lock alone. npm's own (`npm sbom --omit dev`, 11.19) leaves out
 * whatever development needs as well, aws-cdk-lib among it.
 *
 * @param product name, version and licence of the product
 */
export function bomOf(
  lock: Lock,
  product: { readonly name: string; readonly version: string; readonly license: string },
): Bom {
  const shipped = shippedPackages(lock);
  const components = shipped.map(componentOf);
  const root = purlOf(product.name, product.version);
  const dependencies = [
    { ref: root, dependsOn: dependenciesOf(lock, '') },
    ...shipped.map(([folder]) => ({ ref: folder, dependsOn: dependenciesOf(lock, folder) })),
  ];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([product, components, dependencies]))}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name: product.name,
        version: product.version,
        purl: root,
        ...licensesOf(product),
      },
    },
    components,
    dependencies,
  };
}
