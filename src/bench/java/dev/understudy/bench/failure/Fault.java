package dev.understudy.bench.failure;

import dev.understudy.scenario.ServerProcess;
import java.util.Locale;

/** The faults of a server and their repair. */
enum Fault {
  /** SIGKILL: connections break, new ones are refused. */
  KILLED {
    @Override
    void strike(ServerProcess server) throws Exception {
      server.kill();
    }

    @Override
    void mend(ServerProcess server) throws Exception {
      server.restore();
    }
  },
  /** SIGSTOP: the kernel still accepts connections and receives bytes, but no response comes. */
  FROZEN {
    @Override
    void strike(ServerProcess server) throws Exception {
      server.freeze();
    }

    @Override
    void mend(ServerProcess server) throws Exception {
      server.thaw();
    }
  },
  /** Its host is gone: no packet arrives; only in a {@link PrivateNetwork}. */
  BLACK_HOLED {
    @Override
    void strike(ServerProcess server) throws Exception {
      PrivateNetwork.swallow(server.port());
    }

    @Override
    void mend(ServerProcess server) throws Exception {
      PrivateNetwork.release(server.port());
    }
  };

  abstract void strike(ServerProcess server) throws Exception;

  abstract void mend(ServerProcess server) throws Exception;

  /** The name in the table. */
  String words() {
    return "master " + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
