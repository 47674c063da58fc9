import { z } from 'zod'

/** `report`. */
export const reportParams = z.strictObject({ title: z.string().min(1) })
