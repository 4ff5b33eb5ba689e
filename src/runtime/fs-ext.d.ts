declare module 'fs-ext' {
  /** flock(2) on an open file: throws EAGAIN for a lock held by another ('exnb'). Released with the descriptor, so also by kill -9. */
  export function flockSync(descriptor: number, operation: 'ex' | 'exnb' | 'un'): void;
}
