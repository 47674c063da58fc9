import { runCommand } from '../../src/stage.ts'
import { verify } from '../../src/verify/verify.ts'

void runCommand('verify', () => verify(process.argv.slice(2)))
