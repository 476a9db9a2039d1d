/** The lines and shares that `npm run env` prints. */
import type { PlayedPage } from '../../src/env/page-episode.ts';
import type { Difference } from './compare.ts';

export interface Summary {
  pages: { equal: number; of: number };
  steps: { equal: number; of: number };
  screens: { mean: number; least: number; of: number };
  loaded: { good: number; of: number };
  /** Shares that --at-least looks at. */
  shares: number[];
  differences: Record<string, string>;
}

/** Below this a screenshot is named. */
const POOR_SCREEN = 0.85;

export class Report {
  private readonly pagesEqual: boolean[] = [];
  private readonly htmlEqual: boolean[] = [];
  private readonly stepsEqual: boolean[] = [];
  private readonly screens: number[] = [];
  private readonly good: boolean[] = [];
  private readonly differences: Record<string, string> = {};
  private task = '';
  private words: string[] = [];

  begin(task: string): void {
    this.task = task;
    this.words = [];
  }

  page(difference: Difference): void {
    this.pagesEqual.push(difference === '');
    this.note('page', difference);
  }

  html(difference: Difference | null): void {
    if (difference === null) return;
    this.htmlEqual.push(difference === '');
    this.note('HTML', difference);
  }

  steps(differences: Difference[]): void {
    const equal = differences.map(each => each === '');
    this.stepsEqual.push(...equal);
    const first = differences.find(each => each !== '');
    const missed = equal.filter(each => !each).length;
    this.note('episode', first === undefined ? '' : `${missed} of ${differences.length} steps, ${first}`);
  }

  screen({ similarity, failure }: { similarity: number; failure: string }): void {
    this.screens.push(similarity);
    this.note('picture', failure || (similarity < POOR_SCREEN ? `similarity ${similarity.toFixed(3)}` : ''));
  }

  /** The page was opened, and played on at random. */
  loaded({ failure, framesLeft }: PlayedPage): void {
    this.good.push(failure === '' && framesLeft === 0);
    this.note('random play', failure || (framesLeft > 0 ? `${framesLeft} frames are left` : ''));
  }

  /** Prints the task's line when something of it differs. */
  end(): void {
    if (this.words.length === 0) return;
    this.differences[this.task] = this.words.join('; ');
    console.log(`${this.task}: ${this.differences[this.task]}`);
  }

  /** Prints the shares. */
  summary(): Summary {
    const { pagesEqual, stepsEqual, screens, good } = this;
    const count = (list: boolean[]) => ({ equal: list.filter(Boolean).length, of: list.length });
    const [pages, steps] = [count(pagesEqual), count(stepsEqual)];
    const mean = screens.reduce((sum, each) => sum + each, 0) / Math.max(1, screens.length);
    const least = Math.min(1, ...screens);
    if (pages.of > 0) console.log(`pages equal: ${ratio(pages)}`);
    const html = count(this.htmlEqual);
    if (html.of > 0) console.log(`pages with equal pruned HTML: ${ratio(html)}`);
    if (steps.of > 0) console.log(`steps equal: ${ratio(steps)}`);
    if (screens.length > 0)
      console.log(
        `pictures: similarity ${mean.toFixed(4)} in the mean, ${least.toFixed(3)} at least, of ${screens.length}`,
      );
    const loaded = count(good);
    if (loaded.of > 0) console.log(`pages that load, play on and leave no frame behind: ${ratio(loaded)}`);
    const shares = [pages, steps, loaded].filter(each => each.of > 0).map(each => each.equal / each.of);
    return {
      pages,
      steps,
      screens: { mean, least, of: screens.length },
      loaded: { good: loaded.equal, of: loaded.of },
      shares,
      differences: this.differences,
    };
  }

  private note(what: string, difference: Difference): void {
    if (difference) this.words.push(`${what}: ${difference}`);
  }
}

function ratio({ equal, of }: { equal: number; of: number }): string {
  return `${equal} of ${of} (${((100 * equal) / of).toFixed(1)}%)`;
}
