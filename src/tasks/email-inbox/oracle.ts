/** Opens the mail if need be and does to it what the page says it asks for. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one, type OraclePage } from '../oracle.ts';

/** The goal in parts, as the page keeps it. */
interface Fields {
  task: 'reply' | 'forward' | 'delete' | 'important' | 'star';
  by: string;
  to?: string;
  message?: string;
}

export const oracle: Oracle = page => {
  const view = page.document.defaultView as unknown as { core: { currentFields: Fields } };
  const { task, by, to, message } = view.core.currentFields;
  if (task === 'reply' && page.document.querySelector('#reply'))
    return send(page, one<HTMLTextAreaElement>(page, '#reply-text'), message!, '#send-reply');
  if (task === 'forward' && page.document.querySelector('#forward'))
    return send(page, one<HTMLInputElement>(page, '.forward-sender'), to!, '#send-forward');
  if (page.document.querySelector('#email')) return click(page, one(page, `#email .email-${task}`));
  const thread = all(page, '#main .email-thread').find(
    each => each.querySelector('.email-sender')!.textContent === by,
  )!;
  if (task === 'delete') return click(page, thread.querySelector('.trash')!);
  if (task === 'important' || task === 'star') return click(page, thread.querySelector('.star')!);
  return click(page, thread.querySelector('.email-subject')!);
};

function send(
  page: OraclePage,
  field: HTMLInputElement | HTMLTextAreaElement,
  text: string,
  button: string,
): string {
  return field.value === text ? click(page, one(page, button)) : fill(page, field, text);
}
