import { deleteDB } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeDatabase } from '../storage/database.ts';
import { addModel } from '../storage/models.ts';
import { DATABASE_NAME, type ImportRow } from '../storage/schema.ts';
import { baseModelOf, resolveModel } from './model-source.ts';

async function fresh(): Promise<void> {
  await closeDatabase();
  await deleteDB(DATABASE_NAME);
}
beforeEach(fresh);
afterEach(fresh);

async function store(id: string, kind: ImportRow['kind'], base: string | null): Promise<void> {
  const entry: ImportRow = { id, name: `the ${id}`, kind, base, bytes: 1, importedAt: 1 };
  await addModel(entry, new Map([[`${id}.txt`, new Blob([id])]]));
}

test('the built-in policy lies below the page, whatever its path', async () => {
  const { model } = await resolveModel('nano');
  expect(model).toEqual({
    url: new URL('models/nano/', new URL(import.meta.env.BASE_URL, document.baseURI)).href,
  });
});

test('a repository keeps its name for PEFT, and its commit for the run', async () => {
  const name = `hub:someone/model@${'a'.repeat(40)}`;
  expect(await resolveModel(name)).toEqual({ model: { name, token: undefined } });
  expect(await baseModelOf(name)).toEqual({ model: name, name: 'someone/model' });
});

test('what names no model is refused before a run begins', async () => {
  await expect(resolveModel('hub:nothing')).rejects.toMatchObject({ code: 'model-name-invalid' });
});

test('an adapter that was trained on from an adapter goes on top of the same base', async () => {
  await store('base', 'model', null);
  await store('first', 'adapter', 'import:base');
  await store('second', 'adapter', 'import:first');
  const { model, adapter } = await resolveModel('import:second');
  expect([...('files' in model ? model.files.keys() : [])]).toEqual(['base.txt']);
  expect([...(adapter?.files.keys() ?? [])]).toEqual(['second.txt']);
  expect(await baseModelOf('import:second')).toEqual({ model: 'import:base', name: 'the base' });
});

test('an adapter without a base, or based on itself, is refused', async () => {
  await store('lone', 'adapter', null);
  await store('snake', 'adapter', 'import:snake');
  for (const id of ['lone', 'snake'])
    await expect(resolveModel(`import:${id}`)).rejects.toMatchObject({ code: 'adapter-without-base' });
});
