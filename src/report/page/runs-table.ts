import { type Html, html } from './html.ts'
import type { Run } from './runs.ts'

/** How long each training took. */
export function runsTable(runs: readonly Run[]): Html {
  return html`<table role="table" class="stack">
<caption class="hidden">Durations of the trainings</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Configuration</th><th role="columnheader" scope="col" class="number">Training</th><th role="columnheader" scope="col" class="number">An epoch</th><th role="columnheader" scope="col" class="number">Waiting for images</th><th role="columnheader" scope="col">Machine</th></tr></thead>
<tbody role="rowgroup">${runs.map(
    ({ config, device, threads, seconds, epochs, inputStallSeconds, tensorflow, node }) => html`
<tr role="row"><th role="rowheader" scope="row"><span class="name">${config}</span></th><td role="cell" class="number" data-label="Training">${duration(seconds)}</td><td role="cell" class="number" data-label="An epoch">${duration(seconds / epochs)}</td><td role="cell" class="number" data-label="Waiting for images">${duration(inputStallSeconds)}</td><td role="cell" data-label="Machine">${device}, ${threads} threads<small>TensorFlow ${tensorflow}, Node ${node}</small></td></tr>`,
  )}</tbody>
</table>`
}

/** `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!(seconds >= 0)) return '–'
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`
}
