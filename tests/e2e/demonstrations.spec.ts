/** A person shows how tasks are done, with a real mouse and keyboard, and a warm start learns from it. */
import { expect, test, type Locator } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { TrainingPage } from './page.ts';

/** Screen pixels a pixel of the task's page. */
const SCALE = 2;

interface Demonstration {
  task: string;
  seed: number;
  goal: string;
  turns: { axtree: string; action: string; reward: number }[];
}

/** By the live frame's document, in pixels of the screen: where the task's own page has what `find` gives for `wanted`. */
async function onScreen<T>(
  dialog: Locator,
  find: (wanted: T) => [number, number],
  wanted: T,
): Promise<[number, number]> {
  const glass = (await dialog.locator('.glass').boundingBox())!;
  // Another one waits unseen for the next episode.
  const live = await dialog.locator('.frame iframe:visible').elementHandle();
  const frame = (await live!.contentFrame())!;
  // The cast: Playwright's types do not see that a generic argument comes through as it is.
  const [x, y] = await frame.evaluate(find as (wanted: unknown) => [number, number], wanted);
  return [glass.x + SCALE * x, glass.y + SCALE * y];
}

/** The middle of an element. */
function placeOf(dialog: Locator, selector: string, text?: string): Promise<[number, number]> {
  return onScreen(
    dialog,
    ({ selector, text }) => {
      const all = [...document.querySelectorAll<HTMLElement>(selector)];
      const found = all.find(
        each => text === undefined || each.textContent === text || (each as HTMLInputElement).value === text,
      );
      const { left, top, width, height } = found!.getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    },
    { selector, text },
  );
}

/** Just within the corner of an element that is farthest from another, which may lie on its middle. */
function cornerOf(dialog: Locator, selector: string, awayFrom: string): Promise<[number, number]> {
  return onScreen(
    dialog,
    ({ selector, awayFrom }) => {
      const [box, other] = [selector, awayFrom].map(css =>
        document.querySelector(css)!.getBoundingClientRect(),
      );
      const x = other!.left + other!.right < box!.left + box!.right ? box!.right - 4 : box!.left + 4;
      const y = other!.top + other!.bottom < box!.top + box!.bottom ? box!.bottom - 4 : box!.top + 4;
      return [x, y];
    },
    { selector, awayFrom },
  );
}

/** A place on the bisector of bisect-angle's angle, half as far from its vertex as the nearer end. */
function bisectorOf(dialog: Locator): Promise<[number, number]> {
  return onScreen(
    dialog,
    () => {
      const middle = (circle: Element): [number, number] => {
        const { left, top, width, height } = circle.getBoundingClientRect();
        return [left + width / 2, top + height / 2];
      };
      const [x, y] = middle(document.querySelector('.init-blue')!);
      const ways = [...document.querySelectorAll('.init-black')].map(each => {
        const [endX, endY] = middle(each);
        return { x: endX - x, y: endY - y, length: Math.hypot(endX - x, endY - y) };
      });
      const sum = ['x', 'y'].map(axis =>
        ways.reduce((total, way) => total + way[axis as 'x' | 'y'] / way.length, 0),
      );
      const far = Math.min(...ways.map(way => way.length)) / 2 / Math.hypot(sum[0]!, sum[1]!);
      return [x + sum[0]! * far, y + sum[1]! * far];
    },
    null,
  );
}

test('what a person does in the frame is recorded as actions, handed on, and learnt from', async ({
  page,
}) => {
  const training = new TrainingPage(page);
  await training.open(
    'tasks=enter-text,click-test,choose-list,drag-box,bisect-angle&action_set=all&method=sft&max_steps=2&eval_steps=0&sft_demonstrations=0&sft_batch_size=4',
  );
  await training.button('Demonstrate').click();
  const dialog = page.getByRole('dialog');
  const status = dialog.getByRole('status');

  await test.step('A text is written and sent', async () => {
    await dialog.getByRole('button', { name: 'Start', exact: true }).click();
    await expect(status).toHaveText('Your turn.');
    const wanted = /"(.*)"/.exec((await dialog.getByTestId('goal').textContent())!)![1]!;
    await page.mouse.click(...(await placeOf(dialog, 'input')));
    await expect(dialog.getByLabel('Write')).toBeFocused();
    await page.keyboard.type(wanted);
    await page.mouse.click(...(await placeOf(dialog, 'button')));
    await expect(status).toHaveText('Solved, and kept.');
    await expect(dialog.getByTestId('actions').getByRole('listitem')).toHaveText([
      new RegExp(`^fill\\('\\d+', '${wanted}'\\)$`),
      /^click\('\d+'\)$/,
    ]);
  });

  await test.step('What does not solve the task is not kept', async () => {
    await dialog.getByRole('button', { name: 'Another one' }).click();
    await expect(status).toHaveText('Your turn.');
    await page.mouse.click(...(await placeOf(dialog, 'button')));
    await expect(status).toHaveText('Not solved, so it was not kept.');
  });

  await test.step('A choice in a list, and a drag', async () => {
    await dialog.getByRole('combobox', { name: 'Task to show' }).selectOption('choose-list');
    await expect(dialog.getByTestId('goal')).toHaveText(/^Select/);
    const wanted = /^Select (.*) from the list/.exec((await dialog.getByTestId('goal').textContent())!)![1]!;
    await page.mouse.click(...(await placeOf(dialog, 'select')));
    await dialog.getByLabel('Choose').selectOption(wanted);
    const actions = dialog.getByTestId('actions');
    await expect(actions).toHaveText(/^\s*select_option\('\d+', '.*'\)\s*$/);
    await page.mouse.click(...(await placeOf(dialog, 'button')));
    await expect(status).toHaveText('Solved, and kept.');

    await dialog.getByRole('combobox', { name: 'Task to show' }).selectOption('drag-box');
    await expect(dialog.getByTestId('goal')).toContainText('Drag');
    const small = await placeOf(dialog, '#draggableSmall');
    const large = await placeOf(dialog, '#draggableLarge');
    const covered = small.every((middle, axis) => Math.abs(middle - large[axis]!) < SCALE * 14);
    await page.mouse.move(...small);
    await page.mouse.down();
    const corner = await cornerOf(dialog, '#draggableLarge', '#draggableSmall');
    await page.mouse.move(...corner, { steps: 4 });
    await page.mouse.up();
    // On one page in seven the small box lies on the large one's middle: an action that names the large one cannot reach it.
    await expect(actions).toHaveText(
      covered ? /^\s*mouse_drag_and_drop\((\d+, ){3}\d+\)\s*$/ : /^\s*drag_and_drop\('\w+', '\w+'\)\s*$/,
    );
  });

  await test.step('A place in a drawing is recorded as that place', async () => {
    await dialog.getByRole('combobox', { name: 'Task to show' }).selectOption('bisect-angle');
    await expect(dialog.getByTestId('goal')).toContainText('bisects the angle');
    await page.mouse.click(...(await bisectorOf(dialog)));
    await expect(dialog.getByTestId('actions')).toHaveText(/^\s*mouse_click\(\d+, \d+\)\s*$/);
    await page.mouse.click(...(await placeOf(dialog, 'button')));
    await expect(status).toHaveText('Solved, and kept.');
  });

  await test.step('Another task, by one click', async () => {
    await dialog.getByRole('combobox', { name: 'Task to show' }).selectOption('click-test');
    await expect(dialog.getByTestId('goal')).toHaveText('Click the button.');
    await page.mouse.click(...(await placeOf(dialog, 'button')));
    await expect(status).toHaveText('Solved, and kept.');
    await expect(dialog.getByText('1 demonstration of click-test kept here.')).toBeVisible();
  });

  const file = await test.step('They leave as JSON lines', async () => {
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: /^Export all/ }).click();
    const path = await (await download).path();
    const rows = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Demonstration);
    expect(rows.map(row => [row.task, row.turns.length, row.turns.at(-1)!.reward])).toEqual([
      ['enter-text', 2, 1],
      ['choose-list', 2, 1],
      ['bisect-angle', 2, 1],
      ['click-test', 1, 1],
    ]);
    for (const { turns, seed } of rows) {
      expect(seed).toBeLessThan(2 ** 30);
      // Each action names something of what was seen before it, but for a place.
      for (const { axtree, action } of turns)
        if (!action.startsWith('mouse_click(')) expect(axtree).toContain(`[${/'(\w+)'/.exec(action)![1]}]`);
    }
    return path;
  });

  await test.step('Deleted and brought back, a damaged file changes nothing', async () => {
    await dialog.getByRole('button', { name: 'Delete those of click-test' }).click();
    await expect(dialog.getByText('0 demonstrations of click-test kept here.')).toBeVisible();
    const whole = readFileSync(file);
    const cut = {
      name: 'cut.jsonl',
      mimeType: 'application/jsonl',
      buffer: whole.subarray(0, whole.length - 9),
    };
    await dialog.getByTestId('demonstrations-file').setInputFiles(cut);
    await expect(status).toContainText('cut.jsonl, line 4 is no demonstration: it is not JSON');
    await dialog
      .getByTestId('demonstrations-file')
      .setInputFiles({ ...cut, name: 'all.jsonl', buffer: whole });
    await expect(status).toHaveText('4 demonstrations came in.');
    await dialog.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('A warm start learns from them alone, and its record holds them', async () => {
    await training.button('Train', true).click();
    await training.finished(2);
    const files = unzipSync(new Uint8Array(readFileSync(await training.exportAdapter())));
    const record = JSON.parse(new TextDecoder().decode(files['run.json'])) as {
      demonstrations: { task: string }[];
    };
    expect(record.demonstrations.map(({ task }) => task)).toEqual([
      'enter-text',
      'choose-list',
      'bisect-angle',
      'click-test',
    ]);
  });
});
