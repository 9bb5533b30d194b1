import { contract } from '../suite.ts';

contract('codex');
