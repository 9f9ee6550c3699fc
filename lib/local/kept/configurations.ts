import type { DatabaseSync } from 'node:sqlite';
import type {
  ConfigurationDeployment,
  DeploymentStrategy,
  HostedVersion,
} from '../services/appconfig-store.ts';

/** A deployment with its profile and version by name. */
export interface KeptDeployment
  extends Omit<ConfigurationDeployment, 'profile' | 'version' | 'strategy'> {
  readonly profileId: string;
  readonly version: HostedVersion;
  readonly strategy: DeploymentStrategy;
}

/** Configurations and their deployments. */
export interface KeptConfigurations {
  /** Of a profile, oldest first. */
  versions(profileId: string): HostedVersion[];
  /** The highest number that was ever given. */
  latestNumber(profileId: string): number;
  addVersion(profileId: string, version: HostedVersion): void;
  removeVersion(profileId: string, number: number): void;
  /** Of an environment, oldest first. */
  deployments(environmentId: string): KeptDeployment[];
  keepDeployment(environmentId: string, deployment: KeptDeployment): void;
}

function writtenVersion(version: HostedVersion): object {
  return { ...version, content: version.content.toString('base64') };
}

function readVersion(written: HostedVersion & { content: unknown }): HostedVersion {
  return { ...written, content: Buffer.from(String(written.content), 'base64') };
}

export function createKeptConfigurations(database: DatabaseSync): KeptConfigurations {
  database.exec(`
    CREATE TABLE IF NOT EXISTS configuration_versions (
      profile TEXT NOT NULL,
      number INTEGER NOT NULL,
      version TEXT,
      PRIMARY KEY (profile, number)
    );
    CREATE TABLE IF NOT EXISTS configuration_deployments (
      environment TEXT NOT NULL,
      number INTEGER NOT NULL,
      deployment TEXT NOT NULL,
      PRIMARY KEY (environment, number)
    );`);
  return {
    versions: (profileId) =>
      database
        .prepare(
          'SELECT version FROM configuration_versions WHERE profile = ? AND version IS NOT NULL ORDER BY number',
        )
        .all(profileId)
        .map((row) => readVersion(JSON.parse(String(row.version)) as HostedVersion)),
    latestNumber: (profileId) =>
      Number(
        database
          .prepare('SELECT max(number) AS number FROM configuration_versions WHERE profile = ?')
          .get(profileId)?.number ?? 0,
      ),
    addVersion: (profileId, version) =>
      void database
        .prepare('INSERT INTO configuration_versions VALUES (?, ?, ?)')
        .run(profileId, version.number, JSON.stringify(writtenVersion(version))),
    // The number stays taken.
    removeVersion: (profileId, number) =>
      void database
        .prepare(
          'UPDATE configuration_versions SET version = NULL WHERE profile = ? AND number = ?',
        )
        .run(profileId, number),
    deployments: (environmentId) =>
      database
        .prepare(
          'SELECT deployment FROM configuration_deployments WHERE environment = ? ORDER BY number',
        )
        .all(environmentId)
        .map((row) => {
          const kept = JSON.parse(String(row.deployment)) as KeptDeployment;
          return { ...kept, version: readVersion(kept.version) };
        }),
    keepDeployment: (environmentId, deployment) =>
      void database
        .prepare('INSERT OR REPLACE INTO configuration_deployments VALUES (?, ?, ?)')
        .run(
          environmentId,
          deployment.number,
          JSON.stringify({ ...deployment, version: writtenVersion(deployment.version) }),
        ),
  };
}
