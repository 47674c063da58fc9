import type { DrawnLayer } from './layers.ts'

/** A layer, or the layers of a block. */
export interface Box {
  readonly name: string
  /** What its layers do, one after the other. */
  readonly works: readonly string[]
  readonly parameters: number
  /** Of its output, without the batch. */
  readonly shape: readonly number[]
  /** Where what went through a block and what went around it are added. */
  readonly isSum: boolean
}

/** What goes from one box to another. */
export interface Arrow {
  readonly from: string
  readonly to: string
  /** Without the batch. */
  readonly shape: readonly number[]
  /** What is done on the way around a block; undefined on the way through. */
  readonly shortcut?: readonly string[]
}

/** A network as boxes, in the order of its layers, and arrows. */
export interface Drawing {
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
}

/** Names of layers are an interface; these say which block a layer is of. */
const BLOCKS: readonly (readonly [pattern: RegExp, block: string])[] = [
  [/^(conv\d+_block\d+)_.*/, '$1'],
  [/^(block\d+[a-z])_.*/, '$1'],
  [/^conv_(?:dw|pw)_(\d+)(_.*)?$/, 'conv_dw_$1, conv_pw_$1'],
  [/^(conv1|pool1|stem|top)(_.*)?$/, '$1'],
]

/**
 * A network block by block, as the names of its layers have it; a layer that is of no block stands alone.
 *
 * Where a block ends with a sum, the shortest way to it is the shortcut, which is drawn around the block.
 */
export function drawBlocks(layers: readonly DrawnLayer[]): Drawing {
  const places = placesOf(layers)
  const byName = new Map(layers.map((layer) => [layer.name, layer]))
  const arrows = layers
    .filter(({ name }) => places.get(name)?.role !== 'shortcut')
    .flatMap(({ name, inputs }) => inputs.map((input) => arrowBetween(input, name, places, byName)))
    .filter(({ from, to }) => from !== to)
  return { boxes: boxesOf(layers, places), arrows }
}

/** The block of a layer, and what the layer is there for. */
interface Place {
  readonly block: string
  readonly role: 'through' | 'shortcut' | 'sum'
}

type Places = ReadonlyMap<string, Place>

function placesOf(layers: readonly DrawnLayer[]): Places {
  const places = new Map<string, Place>()
  for (const [block, members] of groupBy(layers, ({ name }) => blockOf(name))) {
    const last = members.length > 1 ? members.findLastIndex(({ kind }) => kind === 'Add') : -1
    const shortcut = shortestWay(members[last]?.inputs ?? [], members)
    members.forEach(({ name }, index) => {
      const role = last >= 0 && index >= last ? 'sum' : shortcut.includes(name) ? 'shortcut' : 'through'
      places.set(name, { block, role })
    })
  }
  return places
}

function blockOf(name: string): string {
  const [pattern, block] = BLOCKS.find(([each]) => each.test(name)) ?? [name, name]
  return name.replace(pattern, block)
}

/** The layers of the shortest of the ways that end with these inputs; none where an input comes from outside. */
function shortestWay(inputs: readonly string[], members: readonly DrawnLayer[]): readonly string[] {
  const wayTo = (name: string): string[] => {
    const layer = members.find((member) => member.name === name)
    return layer ? [...layer.inputs.flatMap(wayTo), name] : []
  }
  return inputs.map(wayTo).sort((a, b) => a.length - b.length)[0] ?? []
}

function boxNameOf(name: string, places: Places): string {
  const place = places.get(name)
  if (place === undefined) return name
  return place.role === 'sum' ? `${place.block}_add` : place.block
}

function boxesOf(layers: readonly DrawnLayer[], places: Places): Box[] {
  return [...groupBy(layers, ({ name }) => boxNameOf(name, places))].map(([name, members]) => {
    const through = members.filter((member) => places.get(member.name)?.role !== 'shortcut')
    return {
      name,
      works: worksOf(through),
      parameters: members.reduce((sum, { parameters }) => sum + parameters, 0),
      shape: through.at(-1)?.shape ?? [],
      isSum: members.every((member) => places.get(member.name)?.role === 'sum'),
    }
  })
}

/** The arrow that ends with the connection from one layer to another; layers of a shortcut lie on it. */
function arrowBetween(input: string, name: string, places: Places, byName: ReadonlyMap<string, DrawnLayer>): Arrow {
  const passed: DrawnLayer[] = []
  let source = byName.get(input)
  while (source && places.get(source.name)?.role === 'shortcut') {
    passed.unshift(source)
    source = byName.get(source.inputs[0] ?? '')
  }
  const start = source?.name ?? input
  const arrow = {
    from: boxNameOf(start, places),
    to: boxNameOf(name, places),
    shape: byName.get(input)?.shape ?? [],
  }
  const around = places.get(name)?.role === 'sum' && places.get(start)?.block !== places.get(name)?.block
  return around ? { ...arrow, shortcut: worksOf(passed) } : arrow
}

function worksOf(layers: readonly DrawnLayer[]): string[] {
  return layers.map(({ work }) => work).filter((work) => work !== '')
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
