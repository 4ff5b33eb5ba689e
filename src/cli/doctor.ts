import type { SettingsOptions } from './context.ts';
export async function doctor(_files: readonly string[], _options: SettingsOptions): Promise<number> { return Promise.resolve(0); }
