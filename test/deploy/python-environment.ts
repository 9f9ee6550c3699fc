import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployProofError } from './deploy-proof-error.ts';
import { type ProgramOptions, runProgram } from './run-program.ts';

const INSTALL_DEADLINE_MS = 240_000;
const QUICK_DEADLINE_MS = 60_000;
const OLDEST_PYTHON = [3, 10] as const;

/**
 * Makes a Python virtual environment with these packages, or takes up the one made before for the
 * same requirements.
 *
 * @returns the folder of its programs
 * @throws {DeployProofError} `missing-tool` saying what to install
 */
export async function preparePython(
  folder: string,
  requirementsFile: string,
  options: Omit<ProgramOptions, 'deadlineMs'>,
): Promise<string> {
  if (process.platform === 'win32') {
    throw missing('It runs on Linux and macOS only, or on Windows in its Linux subsystem.');
  }
  const programs = join(folder, 'bin');
  const requirements = await readFile(requirementsFile, 'utf8');
  // Written last, so that an installation that broke off is not taken for a whole one.
  const mark = join(folder, 'installed-requirements.txt');
  if (existsSync(mark) && (await readFile(mark, 'utf8')) === requirements) return programs;

  await checkPython(options);
  await rm(folder, { recursive: true, force: true });
  await orMissing(
    runProgram('python3', ['-m', 'venv', folder], { ...options, deadlineMs: QUICK_DEADLINE_MS }),
    'python3 cannot make a virtual environment: install its module venv (Debian and Ubuntu: the package python3-venv).',
  );
  await orMissing(
    runProgram(
      join(programs, 'python'),
      ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '-r', requirementsFile],
      { ...options, deadlineMs: INSTALL_DEADLINE_MS },
    ),
    'pip cannot install the emulator: it needs a Python package index, the first time only.',
  );
  await writeFile(mark, requirements);
  return programs;
}

async function checkPython(options: Omit<ProgramOptions, 'deadlineMs'>): Promise<void> {
  const [major, minor] = OLDEST_PYTHON;
  const advice = `python3 is missing: install Python ${major}.${minor} or newer.`;
  const version = await orMissing(
    runProgram('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], {
      ...options,
      deadlineMs: QUICK_DEADLINE_MS,
    }),
    advice,
  );
  const [foundMajor = 0, foundMinor = 0] = version.trim().split(' ').map(Number);
  if (foundMajor < major || (foundMajor === major && foundMinor < minor)) {
    throw missing(`${advice} Found: ${foundMajor}.${foundMinor}.`);
  }
}

async function orMissing<T>(running: Promise<T>, advice: string): Promise<T> {
  try {
    return await running;
  } catch (cause) {
    const failed = cause instanceof DeployProofError && cause.code === 'program-failed';
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (!failed && !absent) throw cause;
    throw missing(`${advice}\n${(cause as Error).message}`, { cause });
  }
}

function missing(advice: string, options?: ErrorOptions): DeployProofError {
  return new DeployProofError(
    'missing-tool',
    `The deploy test cannot run here. ${advice}`,
    options,
  );
}
