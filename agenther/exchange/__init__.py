"""Sets of failures that organisations share: written, signed, merged, limited, and forgotten."""
