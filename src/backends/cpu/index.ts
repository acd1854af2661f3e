export { Cpu, type CpuOptions } from "./cpu.ts";
