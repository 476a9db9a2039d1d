/** The build: one page, one worker, and the frame agent as a string that goes into every sandboxed task frame. */
import { build, defineConfig, type Plugin } from 'vite';
import { fileURLToPath } from 'node:url';
import { miniwobPages } from './scripts/miniwob-pages.ts';

/**
 * `import agent from 'virtual:frame-agent'` gives src/frame/main.ts bundled as one classic script. A sandboxed frame has an
 * opaque origin, so it could load modules only from hosts that send CORS headers; text in its srcdoc works on any static host.
 */
function frameAgent(): Plugin {
  const entry = fileURLToPath(new URL('./src/frame/main.ts', import.meta.url));
  const id = 'virtual:frame-agent';
  return {
    name: 'frame-agent',
    resolveId: source => (source === id ? '\0' + id : undefined),
    async load(resolved) {
      if (resolved !== '\0' + id) return;
      const result = await build({
        configFile: false,
        logLevel: 'warn',
        build: {
          write: false,
          minify: true,
          target: 'es2022',
          rollupOptions: { input: entry, output: { format: 'iife' } },
          modulePreload: false,
        },
      });
      const outputs = Array.isArray(result) ? result : [result];
      const chunk = outputs.flatMap(o => ('output' in o ? o.output : [])).find(o => o.type === 'chunk');
      if (!chunk || chunk.type !== 'chunk') throw new Error('the frame agent did not build');
      for (const file of chunk.moduleIds) if (!file.startsWith('\0')) this.addWatchFile(file);
      return `export default ${JSON.stringify(chunk.code)}`;
    },
  };
}

/** Dependencies that Vite bundles for the dev server in one pass; found late, they would reload a page under test. */
const TENSOR_MODULES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-core/dist/register_all_gradients',
  '@tensorflow/tfjs-backend-webgpu/dist/webgpu',
  '@tensorflow/tfjs-backend-webgpu/dist/flags_webgpu',
  '@tensorflow/tfjs-backend-webgpu/dist/register_all_kernels',
  '@tensorflow/tfjs-backend-wasm',
];

export default defineConfig({
  base: './',
  plugins: [frameAgent(), miniwobPages()],
  worker: { format: 'es' },
  build: { target: 'es2023', sourcemap: true, chunkSizeWarningLimit: 2000 },
  optimizeDeps: {
    include: [
      ...TENSOR_MODULES,
      'comlink',
      'idb',
      'lit',
      'valibot',
      'fflate',
      'uplot',
      'hash-wasm',
      '@huggingface/hub',
      '@huggingface/tokenizers',
      '@huggingface/jinja',
    ],
  },
});
