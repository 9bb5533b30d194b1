import { contract } from '../suite.ts';

contract('anthropic');
