import { contract } from '../suite.ts';

contract('scripted');
