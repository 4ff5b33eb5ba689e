import './lib/third.ts';
