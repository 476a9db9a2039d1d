/** Pixels as the policy saw them, drawn one to one. */
import { css, html, LitElement } from 'lit';
import type { Pixels } from '../protocol.ts';

export class PixelImage extends LitElement {
  static override properties = { pixels: {}, label: {} };
  declare pixels: Pixels | null;
  declare label: string;

  constructor() {
    super();
    this.pixels = null;
    this.label = 'Screenshot';
  }

  override render() {
    const { pixels, label } = this;
    if (!pixels) return html`<div class="none">not kept</div>`;
    return html`<canvas
      role="img"
      aria-label=${label}
      width=${pixels.width}
      height=${pixels.height}
    ></canvas>`;
  }

  override updated(): void {
    const { pixels } = this;
    const context = this.renderRoot.querySelector('canvas')?.getContext('2d');
    if (pixels && context) context.putImageData(toImageData(pixels), 0, 0);
  }

  static override styles = css`
    :host {
      display: block;
      line-height: 0;
    }
    canvas {
      width: 100%;
      height: auto;
    }
    .none {
      display: grid;
      place-items: center;
      aspect-ratio: 160 / 210;
      background: var(--sunken);
      color: var(--muted);
      font-size: 11px;
      line-height: 1.3;
    }
  `;
}

function toImageData({ width, height, channels, data }: Pixels): ImageData {
  const image = new ImageData(width, height);
  for (let from = 0, to = 0; to < image.data.length; from += channels, to += 4) {
    image.data[to] = data[from];
    image.data[to + 1] = data[from + 1];
    image.data[to + 2] = data[from + 2];
    image.data[to + 3] = 255;
  }
  return image;
}
