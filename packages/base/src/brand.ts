declare const brandName: unique symbol;

/** `Base` that only the function which checked it can make. The brand exists for the compiler alone. */
export type Brand<Base, Name extends string> = Base & { readonly [brandName]: Name };
