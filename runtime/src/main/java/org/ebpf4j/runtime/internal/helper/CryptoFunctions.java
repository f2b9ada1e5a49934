package org.ebpf4j.runtime.internal.helper;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.run.Run;
import org.jspecify.annotations.Nullable;

/// Encryption with a key that a program of type `syscall` sets (`struct bpf_crypto_ctx`).
///
/// Source: `kernel/bpf/crypto.c`, `crypto/bpf_crypto_skcipher.c` of Linux 6.18.
enum CryptoFunctions implements HelperBody {
  /// The caller's memory for an error is written where there is one, and after success.
  BPF_CRYPTO_CTX_CREATE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      KernelObject made = null;
      // The program may share its memory with others, who change it now: what is looked at twice
      // is copied.
      byte[] parameters = b == PARAMETER_BYTES ? Memory.bytes(a, PARAMETER_BYTES) : new byte[0];
      Errno error = refusal(parameters);
      if (error == null) {
        made =
            run.objects()
                .allocate(
                    KernelObject.Kind.CIPHER,
                    "struct bpf_crypto_ctx",
                    BlockCipher.STATE_BYTES,
                    SpecialFields.none());
        error = made == null ? Errno.ENOMEM : null;
      }
      if (made != null) {
        BlockCipher.named(algorithm(parameters))
            .orElseThrow()
            .store(
                made.address(),
                Arrays.copyOfRange(parameters, KEY, KEY + number(parameters, KEY_LENGTH)));
      }
      Memory.putInt(c, error == null ? 0 : error.negated());
      return ObjectHold.give(run, made);
    }
  },

  BPF_CRYPTO_CTX_ACQUIRE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      KernelObject context = ObjectHold.see(run, a, KernelObject.Kind.CIPHER);
      return context.acquire() ? ObjectHold.give(run, context) : 0;
    }
  },

  BPF_CRYPTO_CTX_RELEASE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      run.objects().release(ObjectHold.take(run, a));
      return 0;
    }
  },

  BPF_CRYPTO_ENCRYPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return crypt(run, a, b, c, d, true);
    }
  },

  BPF_CRYPTO_DECRYPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return crypt(run, a, b, c, d, false);
    }
  };

  // `struct bpf_crypto_params`.
  private static final int TYPE_BYTES = 14;
  private static final int RESERVED = 14;
  private static final int ALGORITHM = 16;
  private static final int ALGORITHM_BYTES = 128;
  private static final int KEY = 144;
  private static final int KEY_BYTES = 256;
  private static final int KEY_LENGTH = 400;
  private static final int TAG_LENGTH = 404;
  private static final int PARAMETER_BYTES = 408;

  /// Why a context cannot be made, or `null`.
  private static @Nullable Errno refusal(byte[] parameters) {
    if (parameters.length != PARAMETER_BYTES
        || parameters[RESERVED] != 0
        || parameters[RESERVED + 1] != 0) {
      return Errno.EINVAL;
    }
    if (!text(parameters, 0, TYPE_BYTES).equals("skcipher")) {
      return Errno.ENOENT;
    }
    Optional<BlockCipher> cipher = BlockCipher.named(algorithm(parameters));
    if (cipher.isEmpty() || number(parameters, TAG_LENGTH) != 0) {
      return Errno.EOPNOTSUPP;
    }
    int length = number(parameters, KEY_LENGTH);
    return length <= 0 || length > KEY_BYTES || !cipher.get().takesKey(length)
        ? Errno.EINVAL
        : null;
  }

  private static int number(byte[] parameters, int at) {
    return ByteBuffer.wrap(parameters).order(ByteOrder.nativeOrder()).getInt(at);
  }

  private static String algorithm(byte[] parameters) {
    return text(parameters, ALGORITHM, ALGORITHM_BYTES);
  }

  private static String text(byte[] parameters, int at, int most) {
    int length = 0;
    while (length < most && parameters[at + length] != 0) {
      length++;
    }
    return new String(parameters, at, length, StandardCharsets.ISO_8859_1);
  }

  /// @param vector a dynptr of the initialisation vector, which is left as the next part of the
  ///   text needs it; 0 for none
  private static long crypt(
      Run run, long context, long from, long to, long vector, boolean encrypt) {
    KernelObject object = ObjectHold.see(run, context, KernelObject.Kind.CIPHER);
    if (Dynptr.isNull(to) || Dynptr.readOnly(to) || Dynptr.isNull(from)) {
      return Errno.EINVAL.negated();
    }
    int length = Dynptr.size(from);
    int room = Dynptr.size(to);
    int vectorLength = vector == 0 || Dynptr.isNull(vector) ? 0 : Dynptr.size(vector);
    BlockCipher cipher = BlockCipher.at(object.address());
    if (length == 0 || room == 0 || length > room || vectorLength != cipher.vectorBytes()) {
      return Errno.EINVAL.negated();
    }
    long source = Dynptr.address(run, from, 0, length, false);
    long target = Dynptr.address(run, to, 0, room, true);
    long start = vectorLength == 0 ? 0 : Dynptr.address(run, vector, 0, vectorLength, true);
    if (source == 0 || target == 0 || (vectorLength != 0 && start == 0)) {
      return Errno.EINVAL.negated();
    }
    return cipher.crypt(object.address(), source, target, length, start, encrypt);
  }
}
