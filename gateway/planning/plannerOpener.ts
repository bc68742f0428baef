import { existsSync } from 'node:fs';
import path from 'node:path';
import { createPlannerThread, type PlannerThread } from './plannerThread.js';
import type { PlanningConfig } from './planningConfig.js';

/** What runs in the thread, and how. */
export interface PlannerProgram {
  readonly file: string;
  readonly execArgv?: readonly string[];
}

const COMPILED: PlannerProgram = { file: path.join(__dirname, 'plannerProgram.js') };

/** Opens planners beside the event loop; `undefined` where there is no program for them. */
export function plannerOpener(
  config: PlanningConfig,
  program: PlannerProgram = COMPILED,
): ((supergraphSdl: string) => PlannerThread) | undefined {
  if (!existsSync(program.file)) return undefined;
  const { file, execArgv } = program;
  return (supergraphSdl) => createPlannerThread({ supergraphSdl, program: file, execArgv, config });
}
