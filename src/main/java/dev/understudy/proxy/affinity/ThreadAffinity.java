package dev.understudy.proxy.affinity;

import java.util.BitSet;

/** The CPUs that the calling thread may run on, by their numbers in the kernel. */
interface ThreadAffinity {
  BitSet get() throws CannotPinException;

  /** Threads that the calling one starts later inherit them. */
  void set(BitSet cpus) throws CannotPinException;
}
