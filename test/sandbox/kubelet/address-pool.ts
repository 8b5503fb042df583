export class AddressPoolExhaustedError extends Error {
  override readonly name = 'AddressPoolExhaustedError';

  constructor(cidr: string) {
    super(`no free address in ${cidr}`);
  }
}

/**
 * Hands out the addresses of an IPv4 network in increasing order, so that one that was given back rests as long as
 * possible before somebody else gets it. Addresses that end in .0 or .255 are left out: many a tool takes them for
 * networks and broadcasts.
 */
export class AddressPool {
  readonly #cidr: string;
  readonly #base: number;
  readonly #size: number;
  readonly #used = new Set<string>();
  #last = 0;

  constructor(cidr: string) {
    const [address = '', bits = ''] = cidr.split('/');
    const prefix = Number(bits);
    const octets = address.split('.').map(Number);
    if (octets.length !== 4 || octets.some(Number.isNaN) || !(prefix >= 8 && prefix <= 30)) {
      throw new RangeError(`not an IPv4 network with a prefix of 8 to 30: "${cidr}"`);
    }
    this.#cidr = cidr;
    this.#size = 2 ** (32 - prefix);
    const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    this.#base = number - (number % this.#size);
  }

  take(): string {
    for (let step = 1; step <= this.#size; step++) {
      const offset = (this.#last + step) % this.#size;
      const low = (this.#base + offset) % 256;
      const address = format(this.#base + offset);
      if (low === 0 || low === 255 || this.#used.has(address)) continue;
      this.#last = offset;
      this.#used.add(address);
      return address;
    }
    throw new AddressPoolExhaustedError(this.#cidr);
  }

  release(address: string): void {
    this.#used.delete(address);
  }
}

function format(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
