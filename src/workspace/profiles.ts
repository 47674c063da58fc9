import { type Prepare, prepareFolder, prepareSample } from './prepare.ts'
import { prepareKaggle } from './prepare-kaggle.ts'

/** Where the images of each profile come from. */
export const PROFILES: Readonly<Record<string, Prepare>> = {
  sample: prepareSample,
  folder: prepareFolder,
  animals10: prepareKaggle,
}
