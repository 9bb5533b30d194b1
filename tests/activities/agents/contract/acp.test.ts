import { contract } from '../suite.ts';

contract('acp');
