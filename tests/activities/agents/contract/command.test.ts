import { contract } from '../suite.ts';

contract('command');
