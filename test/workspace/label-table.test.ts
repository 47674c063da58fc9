import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLabelTable } from '../../src/workspace/label-table.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

async function read(
  text: string,
  paths: readonly string[],
  columns: { pathColumn?: string; labelColumn?: string } = {},
) {
  const file = join(folder.path, 'labels.csv')
  await writeTo(file, text)
  const { labels, missing } = await readLabelTable({ file, ...columns }, paths)
  return {
    labels: Object.fromEntries([...labels].map(([path, { label }]) => [path, label])),
    missing,
    sources: [...labels.values()].map(({ source }) => source),
  }
}

describe('readLabelTable', () => {
  it.each([
    ['paths', 'path,label\na/1.jpg,cat\n./2.jpg,dog\n'],
    ['paths of another machine', 'path,label\nC:\\set\\a\\1.jpg,cat\nimages/2.jpg,dog\n'],
    ["Kaggle's ids, without extension", '\uFEFFid,label\r\n1,cat\r\n2,dog\r\n'],
    ['ids that name a file of another row at their start', 'id,label\n2,dog\n1,cat\n'],
  ])('finds images by %s', async (_what, text) => {
    expect((await read(text, ['2.jpg', 'a/1.jpg', '12.jpg'])).labels).toEqual({ '2.jpg': 'dog', 'a/1.jpg': 'cat' })
  })

  it('takes other columns that are named, and the source where there is one', async () => {
    const text = 'image,breed,source\n1.jpg,Größer Hund,a/farm\n2.jpg,猫,\n'
    const found = await read(text, ['1.jpg', '2.jpg'], { pathColumn: 'image', labelColumn: 'breed' })
    expect(found.labels).toEqual({ '1.jpg': 'Größer Hund', '2.jpg': '猫' })
    expect(found.sources).toEqual(['a/farm', 'unknown'])
  })

  it('finds a name with accents as macOS writes it', async () => {
    const file = 'e\u0301te\u0301.jpg'
    expect((await read('path,label\n\u00e9t\u00e9.jpg,cha\u0302t\n', [file])).labels).toEqual({ [file]: 'ch\u00e2t' })
  })

  it('says which lines have no file, and takes a line without a label for none', async () => {
    const found = await read('path,label\n1.jpg,cat\n3.jpg,dog\n2.jpg,\n', ['1.jpg', '2.jpg'])
    expect(found).toMatchObject({ labels: { '1.jpg': 'cat' }, missing: ['3.jpg'] })
  })

  it.each([
    [
      'other columns',
      'image,breed\n1.jpg,cat\n',
      /^Expected the columns path or id and label in .*labels\.csv, received image, breed\. Name two of them: --path-column NAME --label-column NAME\.$/,
    ],
    [
      'one column of the two',
      'path,breed\n1.jpg,cat\n',
      /received path, breed\. Name one of them: --label-column NAME\.$/,
    ],
    [
      'no header',
      '1.jpg,cat\n2.jpg,cat\n',
      /received 1\.jpg, cat\. Add a header line path,label: the first line is not one\.$/,
    ],
    [
      'columns separated by semicolons, as some spreadsheets write them',
      'path;label\n1.jpg;cat\n',
      /^Expected the columns path or id and label in .*, received path;label\. Separate the columns by commas\.$/,
    ],
    [
      'two labels of one image',
      'path,label\n1.jpg,cat\n1.jpg,dog\n',
      /^Expected one label for "1\.jpg" in .*, received cat and dog\./,
    ],
    [
      'a name of two files',
      'path,label\n2.jpg,cat\n',
      /^Expected one file for "2\.jpg" in .*, received a\/2\.jpg, b\/2\.jpg\./,
    ],
    [
      'a label with a slash',
      'path,label\n1.jpg,cat/dog\n',
      /^Expected labels in .* that can be names of folders, received "cat\/dog"\./,
    ],
    ['a hidden label', 'path,label\n1.jpg,..\n', /received "\.\."\. Write it without a slash/],
    ['a label of 300 bytes', `path,label\n1.jpg,${'猫'.repeat(100)}\n`, /in 255 bytes at most\.$/],
  ])('refuses %s', async (_what, text, message) => {
    await expect(read(text, ['1.jpg', 'a/2.jpg', 'b/2.jpg'])).rejects.toThrow(message)
  })
})
