import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import product from '../../package.json' with { type: 'json' };
import { folderOf, nameOf, readLock, shippedPackages } from './package-lock.ts';
import { bomOf } from './sbom.ts';

const lock = readLock();
const shipped = shippedPackages(lock);
const bom = bomOf(lock, product);
const docs = readFileSync(new URL('../../docs/hostile-input.md', import.meta.url), 'utf8');

describe('the bill of materials', () => {
  test('lists exactly what the lock has for production', () => {
    const listed = bom.components.map(({ name, version, 'bom-ref': folder }) => [
      folder,
      name,
      version,
    ]);
    expect(listed).toEqual(
      shipped.map(([folder, { version }]) => [folder, nameOf(folder), version]),
    );
    const direct = Object.keys(product.dependencies);
    expect(bom.components.map(({ name }) => name)).toEqual(expect.arrayContaining(direct));
    for (const name of ['vitest', 'fast-check', 'recheck']) {
      expect(bom.components.map((one) => one.name)).not.toContain(name);
    }
  });

  test('is well formed: each package once, with a licence, and a hash where it was fetched alone', () => {
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 });
    expect(bom.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    );
    const refs = bom.components.map((component) => component['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    for (const { hashes, licenses, purl, version, 'bom-ref': folder } of bom.components) {
      expect(purl).toMatch(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@[\w.+-]+$/);
      expect(version).toMatch(/^\d/);
      expect({ folder, licences: licenses?.length }).toEqual({ folder, licences: 1 });
      const isBundled = lock[folder]?.inBundle === true;
      expect({ folder, isHashed: hashes !== undefined }).toEqual({ folder, isHashed: !isBundled });
      for (const { alg, content } of hashes ?? []) {
        expect(alg).toBe('SHA-512');
        expect(content).toMatch(/^[0-9a-f]{128}$/);
      }
    }
  });

  test('says of each what it needs, and everything is needed by something', () => {
    const refs = new Set(bom.components.map((component) => component['bom-ref']));
    const needed = new Set(bom.dependencies.flatMap(({ dependsOn }) => dependsOn));
    expect([...needed].filter((ref) => !refs.has(ref))).toEqual([]);
    expect([...refs].filter((ref) => !needed.has(ref))).toEqual([]);
  });

  test('is the same whenever it is made of the same lock', () => {
    expect(bomOf(lock, product)).toEqual(bom);
    expect(bomOf(lock, { ...product, version: '9.9.9' }).serialNumber).not.toBe(bom.serialNumber);
  });
});

test('a package is found as Node looks for it: in its own folder first, then further out', () => {
  const one = { version: '1.0.0' };
  const tree = {
    'node_modules/a': one,
    'node_modules/b': one,
    'node_modules/@s/c': one,
    'node_modules/@s/c/node_modules/b': one,
    'node_modules/@s/c/node_modules/d': one,
  };
  expect(folderOf(tree, '', 'a')).toBe('node_modules/a');
  expect(folderOf(tree, 'node_modules/a', 'b')).toBe('node_modules/b');
  expect(folderOf(tree, 'node_modules/@s/c', 'b')).toBe('node_modules/@s/c/node_modules/b');
  expect(folderOf(tree, 'node_modules/@s/c/node_modules/d', 'b')).toBe(
    'node_modules/@s/c/node_modules/b',
  );
  expect(folderOf(tree, 'node_modules/@s/c/node_modules/d', 'a')).toBe('node_modules/a');
  expect(folderOf(tree, 'node_modules/a', 'd')).toBeUndefined();
});

/** Licences that ask for nothing but their own text. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
];

/** Whether one may choose so that only permissive licences are left. */
function isPermissive(license: string): boolean {
  const plain = license.replace(/^\((.*)\)$/, '$1');
  if (plain.includes(' OR ')) return plain.split(' OR ').some((one) => PERMISSIVE.includes(one));
  return plain.split(' AND ').every((one) => PERMISSIVE.includes(one));
}

describe('licences', () => {
  test('of what ships ask nobody to publish anything', () => {
    const others = shipped
      .filter(([, { license = 'none' }]) => !isPermissive(license))
      .map(([folder, { license }]) => [folder, license]);
    expect(others).toEqual([]);
  });

  test.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-or-later)', true],
    ['(Apache-2.0 AND BSD-3-Clause)', true],
    ['(MIT AND GPL-3.0-only)', false],
    ['AGPL-3.0-only', false],
    ['LGPL-2.1', false],
    ['UNLICENSED', false],
  ])('%s: permissive is %s', (license, expected) => {
    expect(isPermissive(license)).toBe(expected);
  });
});

describe('install scripts', () => {
  test('run only for packages that the docs name, with the reason', () => {
    const scripted = Object.entries(lock)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([folder, { version }]) => `${nameOf(folder)}@${version}`);
    const [, table = ''] = docs.split('## Install scripts');
    const named = [...table.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name]) => name);
    expect(named).toEqual(scripted);
  });

  test('run for nothing that ships', () => {
    expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });
});
