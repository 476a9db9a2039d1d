/** Plays all games ahead against the answers that the other player will give, and makes the first move of one that is won. */
import type { Oracle } from '../contract.ts';
import { click, one } from '../oracle.ts';

interface Game {
  cells: string[];
  luck: number[];
}

interface GamePage {
  game: Game;
  won(cells: string[], mark: string): boolean;
  full(cells: string[]): boolean;
  reply(game: Game): number;
}

export const oracle: Oracle = page => {
  const play = page.document.defaultView as unknown as GamePage;
  const move = winningMove(play, play.game) ?? play.game.cells.indexOf('');
  return click(page, one(page, `#ttt-${move}`));
};

function winningMove(play: GamePage, { cells, luck }: Game): number | null {
  for (let cell = 0; cell < 9; cell++) {
    if (cells[cell] !== '') continue;
    const next = { cells: cells.with(cell, 'x'), luck: [...luck] };
    if (play.won(next.cells, 'x')) return cell;
    if (play.full(next.cells)) continue;
    play.reply(next);
    if (play.won(next.cells, 'o') || play.full(next.cells)) continue;
    if (winningMove(play, next) !== null) return cell;
  }
  return null;
}
