/** Lists the files, then removes one that fits; the field has the focus from the start. */
import type { Oracle } from '../contract.ts';
import { all, one, parseGoal, quote } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [extension = ''] = parseGoal(page, /(?:the extension \.(.*)|no file extension\.)$/);
  const typed = one(page, '#active-input').textContent;
  if (typed !== '') return "keyboard_press('Enter')";
  // The one after `ls`.
  const listed = all(page, '.terminal-line').find(
    line => line.querySelector('.command')!.textContent === 'ls',
  );
  if (!listed) return "keyboard_type('ls')";
  const files = listed.nextElementSibling!.textContent.trim().split(' ');
  const file = files.find(each => (each.includes('.') ? each.split('.').pop() : '') === extension)!;
  return `keyboard_type(${quote(`rm ${file}`)})`;
};
