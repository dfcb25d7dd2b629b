package dev.understudy.agreement.register;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;

class MemoryRegisterTest extends RegisterContract {
  private final MemoryStore store = new MemoryStore();

  @AutoClose("shutdown")
  private final ExecutorService callbacks = Executors.newSingleThreadExecutor();

  @Override
  protected Register open(String installation) {
    return new MemoryRegister(store, installation, callbacks);
  }
}
