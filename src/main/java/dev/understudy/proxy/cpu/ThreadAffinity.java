package dev.understudy.proxy.cpu;

import java.util.BitSet;

/** The CPUs on which the calling thread may run, by their numbers in the kernel. */
interface ThreadAffinity {
  BitSet get() throws CpuPinningException;

  /** Sets the CPUs; threads that the calling thread starts later inherit them. */
  void set(BitSet cpus) throws CpuPinningException;
}
