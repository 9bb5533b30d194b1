import { contract } from '../suite.ts';

contract('opencode');
