package dev.understudy.bench.faults;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** Where the replicas agree, and what can be done to it. */
interface Store extends AutoCloseable {
  /** What there is. */
  enum Type {
    ETCD {
      @Override
      Store start(Path folder) throws Exception {
        return new EtcdStore(folder);
      }
    },
    KUBERNETES {
      @Override
      Store start(Path folder) throws Exception {
        return new KubernetesStore(folder);
      }
    };

    abstract Store start(Path folder) throws Exception;
  }

  /**
   * What the pool's record says.
   *
   * @param holder the serving server's name
   * @param address its URL
   * @param transitions the epoch
   */
  record Entry(String holder, String address, long transitions) {}

  int port();

  /** Those of a replica that finds the store at that port. */
  List<String> settings(int port);

  void kill() throws Exception;

  /** After {@link #kill}. */
  void startAgain() throws Exception;

  void freeze() throws Exception;

  void thaw() throws Exception;

  void deleteRecord() throws Exception;

  /** Fails if there is none. */
  void editRecord(UnaryOperator<Entry> change) throws Exception;
}
