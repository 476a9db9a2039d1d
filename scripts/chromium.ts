/** Finds a Chromium that has WebGPU, or installs one: Debian's package as root on Debian, Playwright's own elsewhere. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright';

/** Keep it from phoning home. */
const QUIET_ARGS = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Flags that give headless Chromium a software WebGPU adapter. */
export const SOFTWARE_GPU_ARGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  ...QUIET_ARGS,
];

/** Flags with which headless Chromium takes the machine's GPU. Where it has none, a software adapter comes instead, or none. */
export const GPU_ARGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--ignore-gpu-blocklist',
  // Without the last there is no adapter on a machine without a display (NVIDIA's driver, Chromium 156).
  ...(process.platform === 'linux'
    ? ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface']
    : []),
  ...QUIET_ARGS,
];

const KNOWN_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Path of a Chromium to drive. Looks at `BROWSER_PATH`, the usual places and Playwright's download, then installs.
 * @throws {Error} with the command to run when nothing can be installed from here.
 */
export function findChromium(explicit = process.env.BROWSER_PATH): string {
  if (explicit) {
    if (existsSync(explicit)) return explicit;
    throw new Error(`No browser at ${explicit}. Give the path of a Chromium or Chrome executable.`);
  }
  const found = installedChromium();
  if (found) return found;
  install();
  const installed = installedChromium();
  if (installed) return installed;
  throw new Error(
    'No Chromium was found and none could be installed. Install one (Debian: apt-get install chromium; ' +
      'elsewhere: npx playwright install chromium), or set BROWSER_PATH to its executable.',
  );
}

function installedChromium(): string | undefined {
  return [...KNOWN_PATHS, chromium.executablePath()].find(path => path && existsSync(path));
}

function install(): void {
  const debian =
    existsSync('/etc/debian_version') && readFileSync('/etc/os-release', 'utf8').includes('ID=debian');
  if (debian && process.getuid?.() === 0) {
    console.log('No Chromium found: installing Debian’s package.');
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], { stdio: 'inherit' });
    return;
  }
  console.log('No Chromium found: downloading Playwright’s.');
  const args = [
    'playwright',
    'install',
    ...(process.platform === 'linux' ? ['--with-deps'] : []),
    'chromium',
  ];
  if (spawnSync('npx', args, { stdio: 'inherit' }).status !== 0)
    spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'inherit' });
}
