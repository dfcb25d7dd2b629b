package dev.understudy.monitor;

import dev.understudy.pool.PoolId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import org.jspecify.annotations.Nullable;

/**
 * The other processes of this replica: the one before, which still ends what it has begun, and the
 * one that replaces this one. A replica has left a server once all of them have. Called on the
 * monitor's thread.
 */
public interface OtherProcesses {
  /** There are none. */
  OtherProcesses NONE =
      new OtherProcesses() {
        @Override
        public Release before(PoolId pool, String planned) {
          return Release.RELEASED;
        }

        @Override
        public void tell(PoolId pool, @Nullable Acknowledgement given) {}
      };

  /** What the process before told of a planned switch; RELEASED if there is none any more. */
  Release before(PoolId pool, String planned);

  /** Tells the next process of a planned switch; null if there is nothing to tell any more. */
  void tell(PoolId pool, @Nullable Acknowledgement given);
}
