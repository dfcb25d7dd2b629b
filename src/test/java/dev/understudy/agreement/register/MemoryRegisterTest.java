package dev.understudy.agreement.register;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

class MemoryRegisterTest extends RegisterContract {
  private final MemoryStore store = new MemoryStore();
  private final ExecutorService callbacks = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() {
    callbacks.shutdown();
  }

  @Override
  protected Register open(String installation) {
    return new MemoryRegister(store, installation, callbacks);
  }
}
