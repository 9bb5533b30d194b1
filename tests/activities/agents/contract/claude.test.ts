import { contract } from '../suite.ts';

contract('claude');
