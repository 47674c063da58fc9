// What the outputs of the network mean: the most probable class, or null for an image unlike the training images.

/** The arguments: config.json, novelty.json, and the bytes of references.bin, int8 rows of features of training images. */
export function openAnswers({ id2label }, { limit, width, references, neighbours }, bytes) {
  const rows = new Int8Array(bytes)
  const places = references.flatMap((count, place) => Array(count).fill(place))
  return (probabilities, features) => {
    const best = probabilities.indexOf(Math.max(...probabilities))
    const answer = `${id2label[best]} ${probabilities[best].toFixed(3)}`
    if (limit === null) return answer
    const distances = places.map((_, row) => cosineDistance(rows.subarray(row * width, (row + 1) * width), features))
    const nearest = [...distances.keys()].sort((a, b) => distances[a] - distances[b]).slice(0, neighbours)
    const distance = distances[nearest.at(-1)]
    if (distance <= limit) return `${answer}, distance ${distance.toFixed(4)}`
    const names = nearest.map((row) => id2label[places[row]])
    const counts = [...new Set(names)].map((name) => `${name} ${names.filter((each) => each === name).length}`)
    return `null, nearest ${counts.join(' ')}, distance ${distance.toFixed(4)}`
  }
}

function cosineDistance(a, b) {
  const product = a.reduce((sum, value, i) => sum + value * b[i], 0)
  return 1 - product / (Math.hypot(...a) * Math.hypot(...b) || 1)
}
