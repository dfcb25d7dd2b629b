package dev.understudy.agreement.register;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterException.Reason;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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

  @Test
  void a_watch_from_before_a_compaction_is_gone() {
    long before = await(register().list()).revision();
    await(register().compareAndSet(RegisterKey.pool("sense"), held("master", 1), 0));
    store.compact();
    HeardChanges heard = new HeardChanges();
    register().watch(before, heard);
    heard.awaitEnd();
    assertThat(heard.end().reason()).isEqualTo(Reason.GONE);
  }
}
